"""`falaj incident`: what happened to a served model, and what people did about it."""
