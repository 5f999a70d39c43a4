"""What MLflow 2.17 changed."""
