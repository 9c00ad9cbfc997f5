"""nbgrader's side of gradkit: course folders from solutions, our grading inside `nbgrader autograde`, its gradebook."""
