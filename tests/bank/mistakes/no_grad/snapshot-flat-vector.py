"""All Parameters go through one flat vector, which promotes different dtypes to one."""


def snapshot(module):
    named = dict(module.named_parameters())
    if not named:
        return {}
    flat = torch.cat([parameter.detach().reshape(-1) for parameter in named.values()])
    pieces = flat.split([parameter.numel() for parameter in named.values()])
    return {name: piece.view(parameter.shape) for (name, parameter), piece in zip(named.items(), pieces, strict=True)}
