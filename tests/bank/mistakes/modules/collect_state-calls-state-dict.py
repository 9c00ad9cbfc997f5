"""The library routine is called that the task is meant to build."""

def collect_state(model):
    return model.state_dict()
