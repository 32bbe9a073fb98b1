-- What somebody types, as a query over search_vector: every word as a prefix, Han, Kana and Hangul by pairs, digits also
-- as the end of a phone number, in any spelling of it. Of an e-mail address all words but the last are whole, and an
-- ending such as .com says nothing: as a prefix it would be looked up in almost every row.
create function search_query(p_text text) returns tsquery language sql immutable parallel safe as $$
    with word as (
        select left(w, 60) as w, w ~ '[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]' as is_cjk,
               w ~ '^[0-9]{4,15}$' as is_number, p_text like '%@%' and lead(w) over (order by place) is not null as is_whole,
               p_text ~ '@.+[.]\w{1,3}\s*$' and lead(w) over (order by place) is null as is_ending
          from unnest((search_words(p_text))[1:24]) with ordinality as given (w, place)
    ), wanted as (
        select string_agg(
            case when is_number then '(''' || w || ''':* | ''#' || reverse(w) || ''':*)'
                 when is_cjk or is_whole then '''' || w || ''''
                 else '''' || w || ''':*' end, ' & ') as words
          from word
         where not is_ending
           and not (is_cjk and length(w) = 1
                    and exists (select 1 from word longer where length(longer.w) = 2 and strpos(longer.w, word.w) > 0))
    ), phone as (
        select reverse(right(regexp_replace(p_text, '[^0-9]', '', 'g'), 8)) as digits
         where p_text ~ '^[-+0-9 ()./]+$' and p_text ~ '[0-9][^0-9]+[0-9]'
    )
    select coalesce(
        (select case when length(digits) >= 5 then '(' || words || ') | ''#' || digits || ''':*' else words end
           from wanted left join phone on true),
        '')::tsquery
$$;
