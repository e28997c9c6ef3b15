// The public GraphQL API, as the pages use it.
export { boot, may } from './api/boot';
export type { Permission, Role } from './api/boot';
export { mutate, query } from './api/client';
export { connection, epoch } from './api/connection';
export { useContactSearch } from './api/contact_search';
export { ApiError, errorText } from './api/error';
export { graphql, readFragment } from './api/graphql';
export type { FragmentOf, ResultOf, VariablesOf } from './api/graphql';
export { useQuery, useSubscription } from './api/hooks';
export type { Loaded } from './api/hooks';
export { counts, startLive, useActivity, useRefreshOn, useRefreshOnReturn } from './api/live';
export type { Activity, Counts } from './api/live';
export { useList } from './api/list';
export type { List, Row } from './api/list';
export { HEADERS, checkSession, endSession, forgetMember, readTab, tabKey, takeReturnPath } from './api/session';
