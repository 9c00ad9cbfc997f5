"""With `pytest -n 2` two files run at a time; those about attacks count as one, since they share what is graded."""

import pytest


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return "attacks" if "/test_attacks" in file else file

    config.option.loadscopereorder = False  # the longest ones come first as it is: see testpaths
    return Scheduling(config, log)
