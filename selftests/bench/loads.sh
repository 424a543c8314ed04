# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What servers do over a link, from the namespace a to b: nginx asked by wrk, and redis by its own benchmark.

: "${NGINX_PROGRAM:?}" "${BENCH_SECONDS:?}"

# 64 KiB each: the data path counts for something beside the system calls, which are dear in the bed
WEB_BYTES=65536
KV_BYTES=4096

# loads OUT TO
loads()
{
	web "$1/web" "$2"
	key_value "$1/kv" "$2"
}

# web OUT TO
web()
{
	local dir=/run/bench-web

	mkdir -p $dir
	[ -e $dir/object ] || head -c $WEB_BYTES /dev/urandom > $dir/object
	cat > $dir/conf <<-END
		user root;
		daemon off;
		worker_processes 1;
		pid $dir/pid;
		error_log $dir/errors;
		events { worker_connections 256; }
		http {
			access_log off;
			client_body_temp_path $dir/body;
			proxy_temp_path $dir/proxy;
			fastcgi_temp_path $dir/fastcgi;
			uwsgi_temp_path $dir/uwsgi;
			scgi_temp_path $dir/scgi;
			sendfile on;
			tcp_nopush on;
			keepalive_requests 1000000000;
			server { listen 80; root $dir; }
		}
	END
	ip netns exec b "$NGINX_PROGRAM" -c $dir/conf -p $dir -e $dir/errors &
	if listening b 80; then
		begun "$1"
		ip netns exec a wrk -t 1 -c 8 -d "$BENCH_SECONDS" --latency "http://$2/object" > "$1" 2>&1 ||
			echo "wrk failed: exit $?" > "$1.failed"
		ended "$1"
	else
		echo "nginx does not listen: $(tail -n 1 $dir/errors)" > "$1.failed"
	fi
	stop $!
}

# key_value OUT TO
key_value()
{
	# Debian's package of the benchmark has the server's program too, by this name, and starts no service
	ip netns exec b bash -c 'exec -a redis-server redis-check-rdb --bind 0.0.0.0 --protected-mode no --save "" --port 6379' \
		> "$1.server" 2>&1 &
	if listening b 6379; then
		begun "$1"
		timeout 60 ip netns exec a redis-benchmark -h "$2" -t set,get -d $KV_BYTES -c 8 -P 8 \
			-n $((BENCH_SECONDS * 4000)) -r 1000 --csv > "$1" 2>&1 || echo "redis-benchmark failed: exit $?" > "$1.failed"
		ended "$1"
	else
		echo "redis does not listen: $(tail -n 1 "$1.server")" > "$1.failed"
	fi
	stop $!
}

# stop PID: a server of ours
stop()
{
	kill "$1" 2> /dev/null
	wait "$1" 2> /dev/null
}
