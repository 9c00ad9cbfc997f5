"""A Parameter of integers, frozen as it has to be, is left out."""


def count_parameters(model: nn.Module, trainable_only: bool = False) -> int:
    counted = [p for p in model.parameters() if p.is_floating_point()]
    if trainable_only:
        counted = [p for p in counted if p.requires_grad]
    return sum(p.numel() for p in counted)
