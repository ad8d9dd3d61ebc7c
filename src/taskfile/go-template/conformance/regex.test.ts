import { renders } from './cases.ts';

renders([
  [
    '{{regexMatch "^a.*z$" "abcz"}} {{regexMatch "[" "a"}} {{regexFind "[a-z]+" "12abc3"}} {{regexFind "x" "a"}} {{regexFindAll "[2,4,6,8]" "123456789" -1}} {{regexFindAll "[0-9]" "123456" 2}} {{regexFindAll "x" "abc" -1}} {{regexFindAll "a*" "baac" -1}} {{regexFindAll "" "ab" -1}} {{regexFindAll "a" "aaa" 0}}',
    'true false abc  [2 4 6 8] [1 2] [] [ aa ] [  ] []',
  ],
  [
    '{{regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W"}} {{regexReplaceAll "a(x*)b" "-ab-axxb-" "$1W"}} {{regexReplaceAllLiteral "a(x*)b" "-ab-axxb-" "${1}"}} {{regexReplaceAll "(?P<n>[a-z]+)" "ab cd" "<$n>"}} {{regexReplaceAll "a*" "baaac" "X"}} {{regexReplaceAll "" "abc" "-"}} {{regexReplaceAll "b" "abc" "$$"}} {{regexReplaceAll "b" "abc" "$9"}} {{regexReplaceAll "^" "abc" "x"}} {{regexReplaceAll "$" "abc" "x"}} {{regexReplaceAll "\\\\b" "ab cd" "|"}} {{regexReplaceAll "(?i)AB" "abAB" "z"}} {{regexReplaceAll "(?m)^" "a\\nb" "> "}}',
    '-W-xxW- --- -${1}-${1}- <ab> <cd> XbXcX -a-b-c- a$c ac xabc abcx |ab| |cd| zz > a\n> b',
  ],
  ['{{regexSplit "z+" "pizza" -1}}', '[pi a]'],
  ['{{regexSplit "," "a,b,c" 2}}', '[a b,c]'],
  ['{{regexSplit "," "" -1}}', '[]'],
  ['{{regexSplit "," "a" 0}}', '[]'],
  ['{{regexSplit "" "abc" -1}}', '[a b c]'],
  ['{{len (regexSplit "," "a,b," -1)}}', '3'],
  ['{{regexSplit "a" "abaa" -1}}', '[ b  ]'],
  ['{{regexQuoteMeta "1.2.3*[x]"}}', '1\\.2\\.3\\*\\[x\\]'],
  ['{{mustRegexFind "a+" "baa"}}', 'aa'],
  ['{{regexFind "\\\\d+\\\\s\\\\w" "x 12 y"}}', '12 y'],
  ['{{regexFind "[[:alpha:]]+" "12ab"}}', 'ab'],
  ['{{regexFind "\\\\p{L}+" "1éa"}}', 'éa'],
  ['{{regexFind "a{2,3}?" "aaaa"}}', 'aa'],
]);
