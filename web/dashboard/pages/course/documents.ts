import type { ResultOf } from '../../api';
import { ApiError, graphql, mutate } from '../../api';
import type { ContentStatus } from '../../components/content/items';

export const COURSE = graphql(`
  query Course($id: ID!) {
    course(id: $id) {
      id title description coverUrl externalUrl status lessonCount memberCount updatedAt
      modules { id title position lessons { id title kind durationMinutes position } }
    }
  }
`);

export const UPDATE_COURSE = graphql(`
  mutation UpdateCourse($input: UpdateCourseInput!) {
    updateCourse(input: $input) { course { id title description coverUrl externalUrl status updatedAt } }
  }
`);

const ARCHIVE_COURSE = graphql(`
  mutation ArchiveCourse($input: ArchiveCourseInput!) {
    archiveCourse(input: $input) { course { id status updatedAt } }
  }
`);

export const REORDER = graphql(`
  mutation ReorderCourse($input: ReorderCourseInput!) {
    reorderCourse(input: $input) {
      course { id updatedAt modules { id title position lessons { id title kind durationMinutes position } } }
    }
  }
`);

export const CREATE_MODULE = graphql(`
  mutation CreateCourseModule($input: CreateCourseModuleInput!) {
    createCourseModule(input: $input) { module { id title } }
  }
`);

export const UPDATE_MODULE = graphql(`
  mutation UpdateCourseModule($input: UpdateCourseModuleInput!) {
    updateCourseModule(input: $input) { module { id title } }
  }
`);

export const DELETE_MODULE = graphql(`
  mutation DeleteCourseModule($input: DeleteCourseModuleInput!) {
    deleteCourseModule(input: $input) { deletedModuleId }
  }
`);

export const CREATE_LESSON = graphql(`
  mutation CreateLesson($input: CreateLessonInput!) {
    createLesson(input: $input) { lesson { id title } }
  }
`);

export const LESSON = graphql(`
  query Lesson($id: ID!) {
    node(id: $id) { __typename ... on Lesson { id title kind url body bodyHtml durationMinutes } }
  }
`);

export const UPDATE_LESSON = graphql(`
  mutation UpdateLesson($input: UpdateLessonInput!) {
    updateLesson(input: $input) { lesson { id title kind url body bodyHtml durationMinutes } }
  }
`);

export const DELETE_LESSON = graphql(`
  mutation DeleteLesson($input: DeleteLessonInput!) {
    deleteLesson(input: $input) { deletedLessonId }
  }
`);

export const setStatus = (courseId: string, status: ContentStatus): Promise<unknown> =>
  status === 'ARCHIVED' ? mutate(ARCHIVE_COURSE, { input: { courseId } }) : mutate(UPDATE_COURSE, { input: { courseId, status } });

export type Course = NonNullable<ResultOf<typeof COURSE>['course']>;
export type Module = Course['modules'][number];
export type Lesson = Module['lessons'][number];

export const MAX_TITLE = 200;

export const lessonsOf = (course: Course): Lesson[] => course.modules.flatMap(({ lessons }) => lessons);

/** The message for the field `name`, if the error is one of that field. */
export const errorAt = (error: unknown, name: string): string | undefined =>
  error instanceof ApiError && error.input === name ? error.message : undefined;
