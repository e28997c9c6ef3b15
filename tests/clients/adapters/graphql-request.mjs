import { ClientError, GraphQLClient } from 'graphql-request';
import { codesOf } from '../lib/suite.mjs';

export default {
  name: 'graphql-request',
  http: true,
  async execute(place, token, { document, variables }) {
    const client = new GraphQLClient(place.graphql, { headers: { authorization: `Bearer ${token}` } });
    try {
      const { data, status } = await client.rawRequest(document, variables);
      return { data, codes: [], status };
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return { data: error.response.data, codes: codesOf(error.response.errors), status: error.response.status };
    }
  },
};
