"""Teachers: slow but good ways to pose a drawing, from which students are distilled."""

from tha4_core.teacher.interface import CharacterTeacher, Formed, TeacherOutput

__all__ = ["CharacterTeacher", "Formed", "TeacherOutput"]
