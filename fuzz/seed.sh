#!/bin/sh
# Gives every target the texts to begin with (the examples, the library, the programs of the specs and of the pages
# on diagnostics), and the words that these are made of.
set -eu
cd "$(dirname "$0")/.."
seeds=fuzz/corpus/check
mkdir -p "$seeds"
for file in examples/*/*.asq stdlib/*.asq; do
    cp "$file" "$seeds/$(echo "$file" | tr / -)"
done
for page in tests/spec/*.md docs/diagnostics/*.md; do
    awk -v name="$seeds/$(basename "$page" .md)" '
        /^```asq/ { file = name "-" ++count ".asq"; next }
        /^```/ && file { close(file); file = "" }
        file { print > file }
    ' "$page"
done
for target in parse format ide; do
    mkdir -p "fuzz/corpus/$target"
    for seed in "$seeds"/*.asq; do
        if [ "$target" = ide ]; then
            { printf '0123456789abcdef'; cat "$seed"; } >"fuzz/corpus/ide/$(basename "$seed")"
        else
            cp "$seed" "fuzz/corpus/$target"
        fi
    done
done
mkdir -p fuzz/corpus/policy fuzz/corpus/import
for tree in compiler/import/tests/legacy/*; do
    # The parts of a tree, in the order in which the property tests of the importer name them.
    for name in disco_aws.ini disco_vpc.ini pipelines/application.csv sandboxes/alice/pipeline.csv disco_rds.ini \
        rds/engine_specific/orders.ini disco_elasticache.ini disco_elasticsearch.ini dynamodb/users.json \
        iam/user_policies/developer.iam iam/user_policies/operator.tr iam/instance_policies/disco_common.iam \
        iam/group_membership/dev/alice.grp iam/s3/dev/REGION.PROJECT.s3audit.dev.lifecycle \
        iam/s3/dev/REGION.PROJECT.data.dev.iam ssm/documents/restart.ssm; do
        if [ -f "$tree/$name" ]; then cat "$tree/$name"; else echo; fi
        echo ====
    done >"fuzz/corpus/import/$(basename "$tree")"
done
awk -v name=fuzz/corpus/policy '
    /^\{"/ {
        file = name "/" ++count ".json"
        print "{\"Version\":\"2012-10-17\",\"Statement\":[" $0 "]}" > file
        close(file)
    }
' compiler/iam/src/check/snapshots/*.snap
{
    grep -Eoh '[A-Za-z][A-Za-z0-9_-]*|<->|->|\+=|==|\.\.|//' "$seeds"/*.asq | sort -u | sed 's/.*/"&"/'
    printf '"%s"\n' '{' '}' '[' ']' '(' ')' '@' '?' '\x0a' '\x0a\x0a' '\x1c' '\"' '${' '\x0d\x0a'
} >fuzz/corpus/words.dict
