export const developers = {};
