"""Teachers for the command lines: fetching published weights, and looking at what a teacher makes of a drawing."""
