export { default as invite } from '../invite';
export { default as login_email } from '../login_email';
export { default as magic_link } from '../magic_link';
