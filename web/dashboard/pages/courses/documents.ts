// The list of courses.
import type { ResultOf } from '../../api';
import { graphql } from '../../api';

export const COURSES = graphql(`
  query Courses($search: String, $statuses: [ContentStatus!], $after: String) {
    courses(search: $search, statuses: $statuses, first: 50, after: $after) {
      nodes { id title status externalUrl lessonCount memberCount updatedAt }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

export const CREATE = graphql(`
  mutation CreateCourse($input: CreateCourseInput!) {
    createCourse(input: $input) { course { id title } }
  }
`);

export type CourseRow = ResultOf<typeof COURSES>['courses']['nodes'][number];

/** What changes who may open a course. */
export const MEMBER_EVENTS = [
  'COURSE_ASSIGNED', 'COURSE_REVOKED', 'OFFER_ACCESS_GRANTED', 'OFFER_ACCESS_REVOKED', 'CONTACT_DELETED', 'CONTACT_ERASED', 'CONTACT_MERGED',
] as const;
