"""The teacher is put in eval mode, and stays so."""


def consistency_loss(student, teacher, x):
    teacher.eval()
    return (student(x) - teacher(x).detach()).square().mean()
