"""Ten small applications with a true document each and twelve faults that can be switched on one by one."""
