"""Both models run under no_grad."""


def consistency_loss(student, teacher, x):
    with torch.no_grad():
        return (student(x) - teacher(x)).square().mean()
