#!/usr/bin/env bash
# Builds the documentation of the libraries into .build/docs: scripts/docs.sh
#
# Ends non-zero where a public symbol has no doc comment, a link leads nowhere, or docc has anything else to say.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
source scripts/lib/say.sh

readonly modules=(JSONScan MessagePack EngineIOCore EngineIO SocketIOCore SocketIO SocketIOClient SocketIOTesting RESP RedisClient SocketIORedis)
readonly output=.build/docs

say "building, and reading the symbols"
scripts/swift-build.sh
graphs=$(swift build --show-bin-path)
graphs=${graphs%/*}/symbolgraph
rm -rf "$output" "$graphs"
# Ends non-zero where the modules of the tests have not been built, which nobody asked for: what counts is whether the graphs are there.
swift package dump-symbol-graph --skip-synthesized-members >/dev/null 2>&1 || true
for module in "${modules[@]}"; do
    [[ -s $graphs/$module.symbols.json ]] || fail "the symbols of $module could not be read: see swift package dump-symbol-graph"
done

scripts/snippets.py check || fail "articles and code must name each other"
scripts/check-docs.py "$graphs" "${modules[@]}" || fail "write what is missing above"

for module in "${modules[@]}"; do
    mkdir -p "$output/graphs/$module"
    find "$graphs" \( -name "$module.symbols.json" -o -name "$module@*.symbols.json" \) -exec cp {} "$output/graphs/$module" \;
    scripts/snippets.py write "$output/graphs/$module/moonx-gateway-snippets.symbols.json"
    catalogue=Sources/$module/$module.docc
    [[ -d $catalogue ]] || catalogue=
    docc convert ${catalogue:+"$catalogue"} --additional-symbol-graph-dir "$output/graphs/$module" --warnings-as-errors \
        --fallback-display-name "$module" --fallback-bundle-identifier "moonx-gateway.$module" \
        --output-path "$output/$module.doccarchive" || fail "docc is not content with $module"
done
rm -rf "$output/graphs"
say "the documentation lies in $output: docc preview, or any web server, shows it"
