// The list of courses: its query, and its filter in the address: `?status=ARCHIVED`.
import type { ResultOf } from '../../api';
import { graphql } from '../../api';

export const COURSES = graphql(`
  query Courses($statuses: [ContentStatus!], $after: String) {
    courses(statuses: $statuses, first: 50, after: $after) {
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
export type ContentStatus = CourseRow['status'];

export const STATUSES: readonly ContentStatus[] = ['DRAFT', 'PUBLISHED', 'ARCHIVED'];

export const statusesOf = (search: URLSearchParams): ContentStatus[] => STATUSES.filter((status) => search.getAll('status').includes(status));

/** What changes who may open a course. */
export const MEMBER_EVENTS = [
  'COURSE_ASSIGNED', 'COURSE_REVOKED', 'OFFER_ACCESS_GRANTED', 'OFFER_ACCESS_REVOKED', 'CONTACT_DELETED', 'CONTACT_ERASED', 'CONTACT_MERGED',
] as const;
