-- One definition of sorting and searching, used by imports (set-based) and by single edits alike. No extension needed.

-- Letters without marks, in lower case: "Äpfel" and "apfel" sort together.
create function fold_text(p_text text) returns text language sql immutable parallel safe as $$
    select case when p_text is null then ''
        when octet_length(p_text) = length(p_text) then lower(p_text)
        else normalize(replace(replace(replace(replace(replace(replace(
            lower(regexp_replace(normalize(p_text, NFKD), '[\u0300-\u036f]', '', 'g')),
            'ß', 'ss'), 'ł', 'l'), 'ø', 'o'), 'đ', 'd'), 'æ', 'ae'), 'œ', 'oe'), NFC) end
$$;

-- The words of a text; Han, Kana and Hangul as single characters and pairs of characters, since those scripts put no space
-- between words. In plpgsql, whose simple expressions need no plan: a million names pass through it in every import.
create function search_words(p_text text) returns text[] language plpgsql immutable parallel safe as $$
declare
    v_text text;
    v_run text;
    v_words text[] := '{}';
begin
    if p_text is null then
        return '{}';
    end if;
    if octet_length(p_text) = length(p_text) then
        v_text := btrim(regexp_replace(lower(p_text), '[^a-z0-9]+', ' ', 'g'));
    else
        v_text := fold_text(p_text);
        if v_text ~ '[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]' then
            v_text := regexp_replace(v_text, '([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]+)', ' \1 ', 'g');
            foreach v_run in array string_to_array(btrim(regexp_replace(v_text, '[^[:alnum:]]+', ' ', 'g')), ' ') loop
                if v_run ~ '[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]' then
                    for i in 1 .. length(v_run) loop
                        v_words := v_words || substr(v_run, i, 1);
                        if i < length(v_run) then
                            v_words := v_words || substr(v_run, i, 2);
                        end if;
                    end loop;
                else
                    v_words := v_words || left(v_run, 60);
                end if;
            end loop;
            return v_words;
        end if;
        v_text := btrim(regexp_replace(v_text, '[^[:alnum:]]+', ' ', 'g'));
    end if;
    if length(v_text) > 400 then
        return array(select left(w, 60) from unnest(string_to_array(v_text, ' ')) w);
    end if;
    return string_to_array(v_text, ' ');
end $$;

-- A phone number is one word, its digits backwards after a #: any way of writing it is found by its last digits.
create function search_phone(p_phone text) returns text language sql immutable parallel safe as $$
    select '#' || reverse(regexp_replace(p_phone, '[^0-9]+', '', 'g'))
$$;

create function search_vector(p_words text, p_phone text) returns tsvector language plpgsql immutable parallel safe as $$
begin
    if p_phone is null then
        return array_to_tsvector(search_words(p_words));
    end if;
    return array_to_tsvector(search_words(p_words) || left(search_phone(p_phone), 60));
end $$;

-- Names first; who has none sorts after them, by what is shown instead.
create function customer_sort_key(p_name text, p_organization text, p_email text, p_phone text) returns text
language sql immutable parallel safe as $$
    select left(fold_text(coalesce(p_name, p_organization, p_email, '~' || coalesce(p_phone, ''))), 200)
$$;
