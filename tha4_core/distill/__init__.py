"""Distillation: a student for one drawing, learned from a teacher."""
