#!/usr/bin/env bash
# infra.sh: others judge what deploy/ holds for their programs: AWS's description of each resource the stack, Kubernetes' schemas the manifests, the language server of
# Dockerfiles the Dockerfile, and cfn-lint the stack where it is installed. Each judge is first shown a wrong file, which it must refuse.
set -euo pipefail
cd "$(dirname "$0")"
. ./packages.sh
deploy=../../deploy
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

refuses() { # refuses JUDGE FILE SED: the file with this change
    sed -E "$3" "$2" >"$work/wrong.yaml"
    ! cmp -s "$2" "$work/wrong.yaml" || { echo "not ok: \"$3\" changes nothing in $2" && status=1 && return; }
    if node "$1" "$work/wrong.yaml" >"$work/said" 2>&1 || ! grep -q "^$work/wrong.yaml" "$work/said"; then
        echo "not ok: $1 says nothing to $2 with $3" && cat "$work/said" && status=1
    fi
}

node cloudformation.mjs $deploy/cloudformation/prism.yaml || status=1
refuses cloudformation.mjs $deploy/cloudformation/prism.yaml 's/HealthCheckIntervalSeconds: 15/HealthCheckIntervalSeconds: often/; s/HttpTokens: required/HttpToken: required/; s/MaxSize:/MaximumSize:/; s/Balancer.DNSName/Balancer.DnsName/; s/AWS::S3::BucketPolicy/AWS::S3::Policy/'
[ "$(grep -c "^$work" "$work/said")" -ge 6 ] || { echo "not ok: cloudformation.mjs does not see each of these" && cat "$work/said" && status=1; }

node kubernetes.mjs $deploy/kubernetes/*.yaml || status=1
for change in 's/readOnlyRootFilesystem/readonlyRootFilesystem/' 's/accessModes/accessmodes/' 's/periodSeconds: 15/periodSeconds: "15s"/' 's/mountPath: .data/path: \/data/'; do
    refuses kubernetes.mjs $deploy/kubernetes/server.yaml "$change"
done

node dockerfile.mjs $deploy/docker/Dockerfile || status=1
refuses dockerfile.mjs $deploy/docker/Dockerfile 's/^EXPOSE 8000/EXPOSE eight/'

if command -v cfn-lint >/dev/null && cfn-lint --version >/dev/null 2>&1; then
    cfn-lint --regions eu-north-1 -- $deploy/cloudformation/prism.yaml && echo "ok cfn-lint" || status=1
else
    echo "skip cfn-lint: it is not installed"
fi
exit $status
