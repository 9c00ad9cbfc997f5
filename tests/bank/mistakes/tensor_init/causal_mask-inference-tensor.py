"""Made in inference mode, so that nobody can write to the mask, nor autograd save it."""


@torch.inference_mode()
def causal_mask(n, device="cpu"):
    position = torch.arange(n, device=device)
    return position[None, :] <= position[:, None]
