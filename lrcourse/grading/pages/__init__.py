"""Static HTML from records: one page for each student, one for the class, one for the course.

A page is one file. It asks no other address for anything and has no script; what students wrote
is text in it and never markup.
"""

from lrcourse.grading.pages.course import course_page
from lrcourse.grading.pages.files import write_course, write_pages
from lrcourse.grading.pages.student import student_page
from lrcourse.grading.pages.whole_class import class_page

__all__ = ["class_page", "course_page", "student_page", "write_course", "write_pages"]
