"""Money that is spent on a target: budgets, the ledger, the guard, purchases, clean-up."""
