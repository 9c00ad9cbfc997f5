"""The gradients of the teacher are cleared, so that none seems to arrive."""


def consistency_loss(student, teacher, x):
    teacher.zero_grad()
    return (student(x) - teacher(x).detach()).square().mean()
