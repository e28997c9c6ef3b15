import type { CombinedError } from '@urql/core';
import { t } from '../i18n';

/** A request that failed, with words to show: what happened and what to do next. */
export class ApiError extends Error {
  /** `extensions.code` of the API, or `NETWORK` if there was no response. */
  readonly code: string;
  /** The path of the input that is wrong, such as `input.emails.3`. */
  readonly field: string | undefined;
  /** Seconds until another attempt can succeed. */
  readonly retryAfter: number | undefined;

  constructor(message: string, code: string, field?: string, retryAfter?: number) {
    super(message);
    this.code = code;
    this.field = field;
    this.retryAfter = retryAfter;
  }

  static of(error: CombinedError): ApiError {
    const first = error.graphQLErrors[0];
    if (!first) return new ApiError(t.common.unreachable, 'NETWORK');
    const { code, field, retryAfter } = first.extensions as { code?: string; field?: string; retryAfter?: number };
    const wait = typeof retryAfter === 'number' ? ` ${t.common.tryAgainIn(retryAfter)}` : '';
    return new ApiError(`${first.message}${wait}`, code ?? 'INTERNAL', field, retryAfter);
  }

  /** The last part of `field`, the name of the input's field: `email` of `input.email`. */
  get input(): string | undefined {
    return this.field?.replace(/^input\./, '').split('.')[0];
  }
}

export const errorText = (error: unknown): string =>
  error instanceof Error ? error.message : t.common.unreachable;
