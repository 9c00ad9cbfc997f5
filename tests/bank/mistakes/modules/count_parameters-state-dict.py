"""The state_dict is counted: buffers too, and shared Parameters several times."""

def count_parameters(model, trainable_only=False):
    return sum(v.numel() for v in model.state_dict().values())
