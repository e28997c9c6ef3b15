import { graphql } from '../../api';

export const JOBS = graphql(`
  query Jobs($after: String) {
    bulkJobs(first: 50, after: $after) {
      nodes { id kind status total done failed skipped succeeded createdAt startsAt finishedAt requestedBy }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const UPDATED = graphql(`
  subscription JobsUpdated {
    bulkJobUpdated { id kind status total done failed skipped succeeded createdAt startsAt finishedAt requestedBy }
  }
`);
