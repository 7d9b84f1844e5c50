#!/bin/sh
# Installs what Latchkey's commands need and is missing. Where all is there it
# takes a moment and changes nothing.
#
#   build/setup.sh headless    what it takes to build and run the headless edition
#   build/setup.sh desktop     that, and what it takes to build the window
#   build/setup.sh test        that, and what the checks and tests use
#
# On Debian and Ubuntu it uses apt, as root or through sudo. Elsewhere it names
# what to install and stops.
set -eu
cd "$(dirname "$0")/.."

# The releases to fetch where the system has none that is new enough. What is
# new enough stands in go.mod, and for Node in frontend/package.json.
go_release=1.26.8
go_wanted=$(sed -n 's/^go //p' go.mod)
go_home=$PWD/build/.tools/go
node_release=24.21.0
node_wanted=$(sed -n 's/.*"node": *">=\([0-9.]*\)".*/\1/p' frontend/package.json)
node_home=$PWD/build/.tools/node

# What each purpose needs: a command, a library (NAME.pc) or a font for a
# language (LANGUAGE.font); the Debian packages that bring it; and what it is
# called in words.
needs() {
	cat <<-END
		make make make
	END
	[ "$1" != headless ] || return 0
	cat <<-END
		gcc gcc,libc6-dev a C compiler
		node nodejs Node.js
		npm npm npm
	END
	[ "$(uname -s)" = Darwin ] || cat <<-END
		pkg-config pkg-config pkg-config
		gtk+-3.0.pc libgtk-3-dev GTK 3, with what is needed to build with it
		webkit2gtk-4.1.pc libwebkit2gtk-4.1-dev WebKitGTK 4.1, with what is needed to build with it
	END
	[ "$1" = test ] || return 0
	cat <<-END
		ssh openssh-client the OpenSSH client: ssh, sftp, scp and ssh-keygen
		/usr/sbin/sshd openssh-server the OpenSSH server
		puttygen putty-tools puttygen, PuTTY's tool for keys
		openssl openssl openssl
		rclone rclone rclone
		ssh-audit ssh-audit ssh-audit
		oathtool oathtool oathtool, from the OATH Toolkit
		aiosmtpd python3-aiosmtpd aiosmtpd, a mail server
		shellcheck shellcheck shellcheck
		gnome-keyring-daemon gnome-keyring gnome-keyring, a keyring
		dbus-run-session dbus-daemon dbus-run-session, a session bus
		chromium chromium Chromium
		Xvfb xvfb Xvfb, a display without a screen
		xauth xauth xauth
		openbox openbox openbox, a window manager
		xdotool xdotool xdotool
		xclip xclip xclip
		import imagemagick ImageMagick
		qrencode qrencode qrencode
		zbarimg zbar-tools zbarimg, a reader of QR codes
		ZXingReader zxing-cpp-tools ZXingReader, another one
		zh-cn.font fonts-noto-cjk a font for Chinese
		desktop-file-validate desktop-file-utils desktop-file-validate
		appstreamcli appstream appstreamcli
	END
}

say() { printf 'setup: %s\n' "$*" >&2; }

stop() {
	say "$*"
	exit 1
}

have() {
	case "$1" in
	*.pc) command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "${1%.pc}" ;;
	*.font) command -v fc-list >/dev/null 2>&1 && fc-list ":lang=${1%.font}" | grep -q . ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

has_apt() { have apt-get && have dpkg; }

# enough WANTED VERSION says whether a version is new enough.
enough() { printf '%s\n%s\n' "$1" "$2" | sort -V -C; }

# go_is_ready says whether the go command, or the one kept here, can build this
# project. Asked in its folder, a go command answers with the release that it
# would switch to.
go_is_ready() {
	PATH=$go_home/bin:$PATH
	have go || return 1
	version=$(go env GOVERSION 2>/dev/null) || return 1
	enough "$go_wanted" "${version#go}"
}

# node_is_ready says whether the node command, or the one kept here, can build
# the page.
node_is_ready() {
	PATH=$node_home/bin:$PATH
	version=$(node --version 2>/dev/null) || return 1
	enough "$node_wanted" "${version#v}"
}

# apt_install installs packages. Through sudo it asks for a password only where
# somebody can answer.
apt_install() {
	say "installing $*"
	apt="env DEBIAN_FRONTEND=noninteractive apt-get -qq"
	if [ "$(id -u)" -ne 0 ]; then
		{ have sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; } ||
			stop "This needs root. Run it as root, or let somebody install the packages above."
		apt="sudo $apt"
	fi
	install="$apt install -y --no-install-recommends"
	# The lists of packages may be old or missing, and then a second try helps.
	# shellcheck disable=SC2086 # the commands are lists of words
	$install "$@" >/dev/null 2>&1 || { $apt update && $install "$@" >/dev/null; } ||
		stop "apt-get could not install: $*"
}

# fetch_go gets the Go release through an older go command: a Go release is
# also a module, checked like any other. Nothing of the system is changed.
fetch_go() {
	say "fetching Go $go_release, because this project needs $go_wanted or newer"
	scratch=$(mktemp -d)
	# Outside the project, because an old go command cannot read its go.mod.
	if ! answer=$(
		cd "$scratch"
		export GOFLAGS='' GOTOOLCHAIN=local
		go mod download -json "golang.org/toolchain@v0.0.1-go$go_release.$(go env GOHOSTOS)-$(go env GOHOSTARCH)"
	); then
		rmdir "$scratch"
		printf '%s\n' "$answer" >&2
		return 1
	fi
	rmdir "$scratch"
	unpacked=$(printf '%s\n' "$answer" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
	[ -d "$unpacked" ] || return 1
	# A module's files come without the right to be run.
	chmod a+x "$unpacked"/bin/* "$unpacked"/pkg/tool/*/*
	mkdir -p "$(dirname "$go_home")"
	ln -sfn "$unpacked" "$go_home"
}

install_go() {
	how="Install Go $go_wanted or newer (https://go.dev/doc/install), then run this again."
	if ! have go; then
		has_apt || stop "Go is missing. $how"
		apt_install golang-go ca-certificates
	fi
	go_is_ready || { fetch_go && go_is_ready; } || stop "Go is too old and a newer one could not be fetched. $how"
}

# fetch_node gets the Node release through the npm of an older one: a Node
# release is also a package, checked like any other of the page. Nothing of the
# system is changed, and no script of the package is run.
fetch_node() {
	say "fetching Node.js $node_release, because the page needs $node_wanted or newer"
	case "$(uname -m)" in
	x86_64) machine=x64 ;;
	aarch64 | arm64) machine=arm64 ;;
	*) return 1 ;;
	esac
	package=node-$(uname -s | tr '[:upper:]' '[:lower:]')-$machine
	rm -rf "$node_home"
	mkdir -p "$node_home"
	npm install --prefix "$node_home" --ignore-scripts --no-audit --no-fund --loglevel=error \
		"$package@$node_release" >/dev/null || return 1
	ln -s "node_modules/$package/bin" "$node_home/bin"
}

install_node() {
	{ fetch_node && node_is_ready; } || stop "Node.js is too old and a newer one could not be fetched.
Install Node.js $node_wanted or newer (https://nodejs.org), then run this again.
To build without the window: make run EDITION=headless"
}

install_missing() {
	packages=""
	words=""
	while read -r command package name; do
		have "$command" && continue
		packages="$packages $(printf '%s' "$package" | tr ',' ' ')"
		words="$words
  $name"
	done <<-END
		$(needs "$1")
	END
	[ -n "$packages" ] || return 0
	if ! has_apt; then
		have go || words="$words
  Go $go_wanted or newer (https://go.dev/doc/install)"
		stop "Install these with your system's package manager, then run this again:$words"
	fi
	# shellcheck disable=SC2086 # a list of packages
	apt_install $packages
	case " $packages " in *" openssh-server "*) stop_sshd ;; esac
}

# stop_sshd takes back that Debian starts a server as soon as it is installed:
# this one is for tests and benchmarks, and shall not listen to the network.
stop_sshd() {
	have systemctl || return 0
	as_root=''
	[ "$(id -u)" -eq 0 ] || as_root=sudo
	$as_root systemctl disable --now ssh.service ssh.socket >/dev/null 2>&1 || true
}

case "${1:-}" in
headless | desktop | test) ;;
*) stop "Say what to set up for: build/setup.sh headless, desktop or test." ;;
esac
install_missing "$1"
go_is_ready || install_go
[ "$1" = headless ] || node_is_ready || install_node
