"""What a run was: recipe, trace and record, and the store of runs."""
