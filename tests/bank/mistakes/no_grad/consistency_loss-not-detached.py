"""The teacher is taught, too."""


def consistency_loss(student, teacher, x):
    return (student(x) - teacher(x)).square().mean()
