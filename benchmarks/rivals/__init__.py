"""What others published, to be run beside ours: an estimator from its paper, networks with their weights."""
