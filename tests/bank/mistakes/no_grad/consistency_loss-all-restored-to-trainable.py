"""The teacher is frozen for the pass, and all of it is trainable afterwards."""


def consistency_loss(student, teacher, x):
    teacher.requires_grad_(False)
    loss = (student(x) - teacher(x)).square().mean()
    teacher.requires_grad_(True)
    return loss
