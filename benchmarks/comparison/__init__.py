"""Parts of the benchmarks that compare graders."""
