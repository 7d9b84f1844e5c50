/** oddChinese finds half-width punctuation after Chinese, and Latin or digits that touch it without a space. */
export const oddChinese =
  /\p{Script=Han}[,;:!?]|\p{Script=Han}\.(\s|$)|\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Script=Han}/u;
