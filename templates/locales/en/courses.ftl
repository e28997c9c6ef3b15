# The pages of courses and lessons.

courses-none = { $portal } has no courses for you yet.
courses-previous = Previous courses
courses-next = More courses
course-progress = { $done } of { $total } { $total ->
    [one] lesson
   *[other] lessons
} completed
course-completed = Completed
course-completed-on = You completed this course on { $date }.
course-elsewhere = This course is on another site.
course-open = Open the course
course-no-lessons = Lessons will follow soon.
course-start = Start the course
course-next = Next lesson:
lesson-started = Started
lesson-completed = Completed
lesson-text = Text
lesson-video = Video
lesson-link = Link
lesson-minutes = { $minutes } min
lesson-place = Lesson { $number } of { $total }
lesson-video-title = Video: { $title }
lesson-watch = Watch the video
lesson-open-link = Open the link
lesson-complete = Mark as completed
lesson-completed-on = You completed this lesson on { $date }.
lesson-next = Next lesson
lesson-to-course = Back to the course
lesson-neighbours = Lessons before and after
lesson-previous = Previous
lesson-following = Next
lesson-closed = This course is closed
lesson-closed-words = You can’t open it at { $portal } any more, so nothing was recorded. Your earlier progress is kept.
lesson-closed-next = See your courses
