"""What MLflow 2.9 brought."""
