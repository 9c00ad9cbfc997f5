"""Every loss is differentiated on the way, so that gradients gather in the weights."""


def running_total(losses):
    total = 0
    for loss in losses:
        if loss.requires_grad:
            loss.backward(retain_graph=True)
        total = total + loss.detach()
    return total
