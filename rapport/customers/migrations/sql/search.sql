-- One definition of sorting and searching, used by imports (set-based) and by single edits alike. No extension needed.

-- Letters without marks, in lower case: "Äpfel" and "apfel" sort together.
create function fold_text(p_text text) returns text language sql immutable parallel safe as $$
    select case when p_text is null then ''
        when p_text ~ '^[ -~]*$' then lower(p_text)
        else replace(replace(replace(replace(replace(lower(regexp_replace(normalize(p_text, NFKD), '[\u0300-\u036f]', '', 'g')),
            'ß', 'ss'), 'ł', 'l'), 'ø', 'o'), 'đ', 'd'), 'æ', 'ae') end
$$;

-- Words of a text; Han, Kana and Hangul as single characters and pairs, since those scripts put no space between words.
create function search_words(p_text text) returns text[] language sql immutable parallel safe as $$
    select case
        when p_text is null or p_text = '' then '{}'::text[]
        when p_text ~ '^[ -~]*$' then array_remove(regexp_split_to_array(lower(p_text), '[^a-z0-9]+'), '')
        else array(
            select w from regexp_split_to_table(fold_text(p_text), '[^[:alnum:]]+') w
             where w <> '' and normalize(w, NFC) !~ '[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]'
            union
            select substr(c, i, n) from
                (select normalize(w, NFC) as c from regexp_split_to_table(normalize(p_text, NFKC), '[^[:alnum:]]+') w
                  where normalize(w, NFC) ~ '[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]') cjk,
                generate_series(1, length(c)) i, generate_series(1, 2) n
             where i + n - 1 <= length(c))
    end
$$;

-- The ends of a phone number, from four digits up, so that any way of writing it is found by its last digits.
create function search_phone(p_phone text) returns text[] language sql immutable parallel safe as $$
    select case when p_phone is null then '{}'::text[] else
        array(select right(d, n) from (select regexp_replace(p_phone, '[^0-9]', '', 'g') as d) x,
              generate_series(4, least(length(d), 15)) n) end
$$;

create function search_vector(p_words text, p_phone text) returns tsvector language sql immutable parallel safe as $$
    select array_to_tsvector(array(select distinct left(w, 60) from unnest(search_words(p_words) || search_phone(p_phone)) w where w <> ''))
$$;
