"""The teacher is frozen, and stays so."""


def consistency_loss(student, teacher, x):
    teacher.requires_grad_(False)
    return (student(x) - teacher(x)).square().mean()
