"""eval() is taken to stop gradients."""


def consistency_loss(student, teacher, x):
    flags = [module.training for module in teacher.modules()]
    teacher.eval()
    loss = (student(x) - teacher(x)).square().mean()
    for module, flag in zip(teacher.modules(), flags):
        module.training = flag
    return loss
