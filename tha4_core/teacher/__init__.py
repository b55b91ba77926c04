"""Teachers: slow but good ways to pose a drawing, from which students are distilled."""

from tha4_core.teacher.interface import CharacterTeacher, Formed, TeacherError, TeacherOutput
from tha4_core.teacher.student_teacher import StudentTeacher
from tha4_core.teacher.system import Teacher

__all__ = ["CharacterTeacher", "Formed", "StudentTeacher", "Teacher", "TeacherError", "TeacherOutput"]
