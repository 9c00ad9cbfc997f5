"""One foreach call takes all steps, and fails where no parameter has a gradient."""


@torch.no_grad()
def sgd_update(parameters: Iterable[Tensor], lr: float) -> None:
    trained = [parameter for parameter in parameters if parameter.grad is not None]
    torch._foreach_add_(trained, [parameter.grad for parameter in trained], alpha=-lr)
