"""How MLflow's API differs across versions: one module per breaking change, and the walk that applies them."""
