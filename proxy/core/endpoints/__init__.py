"""What MLflow's API is: routes that were derived, meaning that people stated, and the catalogue that joins the two."""
