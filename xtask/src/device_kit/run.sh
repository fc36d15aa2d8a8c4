#!/bin/sh
# Checks the GPU of this machine. It needs neither Rust nor a network, and writes everything it prints into logs/.
# `sh run.sh long` also computes the long sequences, and `sh run.sh speed` only checks some batteries and measures the
# speed of a large model. The exit code is 0 if all steps passed, 1 if one failed, and 3 if this machine has no GPU.
cd "$(dirname "$0")" || exit 2
mkdir -p logs
chmod +x nmk-battery
worst=0

# Runs a step, for at most so many seconds, and keeps what it prints.
step() {
    name=$1
    seconds=$2
    shift 2
    echo "== $name"
    begun=$(date +%s)
    timeout "$seconds" "$@" >"logs/$name.log" 2>&1
    code=$?
    echo "exit code $code after $(($(date +%s) - begun)) s" >>"logs/$name.log"
    cat "logs/$name.log"
    case $code in
    0) ;;
    3) [ "$worst" -eq 0 ] && worst=3 ;;
    *) worst=1 ;;
    esac
}

battery="./nmk-battery --backend cuda --kernels kernels --fixtures parity"

(uname -a && nvidia-smi) >logs/machine.log 2>&1
cat logs/machine.log
step check 60 $battery --check
if [ "$worst" -ne 0 ]; then
    echo "the device does not pass its check; nothing else is run"
    exit "$worst"
fi
step operations 60 $battery --quick --only operations --only plain_backend --only parked_elsewhere --log logs/operations.json
if [ "$1" = speed ]; then
    step speed 160 ./nmk-battery --backend cuda --kernels kernels --speed
    step parked 90 $battery --only parked_elsewhere --log logs/parked.json
    step sequences 90 $battery --only sequence_scheduler --only plain_backend --log logs/sequences.json
    echo "worst exit code: $worst"
    exit "$worst"
fi
step quick 200 $battery --quick --log logs/quick.json

# The same kernels by the compiler of this machine, if it has one.
for folder in /usr/local/cuda/lib64 /usr/local/cuda/targets/*/lib /opt/torch/.venv/lib/python3*/site-packages/nvidia/*/lib; do
    for library in "$folder"/libnvrtc.so*; do
        [ -e "$library" ] && LD_LIBRARY_PATH="$folder:$LD_LIBRARY_PATH"
        break
    done
done
export LD_LIBRARY_PATH
step compiler 60 ./nmk-battery --backend cuda --fixtures parity --check
[ "$1" = long ] && step full 420 $battery --only operations --only plain_backend --only kv_park_resume --only parked_elsewhere --only ring_cross_rollback --log logs/full.json
echo "worst exit code: $worst"
exit "$worst"
