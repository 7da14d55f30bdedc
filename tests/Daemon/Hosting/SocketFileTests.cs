using System.Diagnostics;
using System.Net.Sockets;
using Queued.Daemon.Hosting;

namespace Queued.Daemon.Tests.Hosting;

public sealed class SocketFileTests : IDisposable
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_path_that_the_kernel_cannot_take_is_refused_with_its_length()
    {
        var path = _directory.In(new string('x', 120));

        var refused = Assert.Throws<StartupException>(() => SocketFile.Claim(path, Mode, isPrivate: false));

        Assert.Equal(ExitCode.Configuration, refused.ExitCode);
        Assert.Contains($"has {path.Length} bytes; the kernel takes at most 107", refused.Message);
    }

    [Fact]
    public void A_directory_that_everybody_can_write_to_is_refused()
    {
        File.SetUnixFileMode(_directory.Path, (UnixFileMode)0b111_111_111);

        var refused = Assert.Throws<StartupException>(() => SocketFile.Claim(_directory.Socket, Mode, isPrivate: true));

        Assert.Equal(ExitCode.NoPermission, refused.ExitCode);
        Assert.Contains("everybody can write to the socket's directory", refused.Message);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sticky_directory_is_for_private_daemons_alone(bool isPrivate)
    {
        File.SetUnixFileMode(_directory.Path, (UnixFileMode)0b111_111_111 | UnixFileMode.StickyBit);

        var claim = Record.Exception(() => SocketFile.Claim(_directory.Socket, Mode, isPrivate).Dispose());

        Assert.Equal(isPrivate, claim is null);
    }

    [Fact]
    public void A_missing_directory_is_made_for_the_owner()
    {
        using var socket = SocketFile.Claim(_directory.In("a/b/q.sock"), Mode, isPrivate: false);

        Assert.False(File.GetUnixFileMode(_directory.In("a/b")).HasFlag(UnixFileMode.OtherExecute));
    }

    [Fact]
    public void A_stale_socket_of_ours_is_removed()
    {
        using var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        left.Bind(new UnixDomainSocketEndPoint(_directory.Socket));

        using var socket = SocketFile.Claim(_directory.Socket, Mode, isPrivate: false);

        Assert.False(File.Exists(_directory.Socket));
    }

    [Fact]
    public void A_file_in_the_place_of_the_socket_is_left_alone()
    {
        _directory.Write("q.sock", "precious");

        var refused = Assert.Throws<StartupException>(
            () => SocketFile.Claim(_directory.Socket, Mode, isPrivate: false));

        Assert.Equal(ExitCode.InUse, refused.ExitCode);
        Assert.Equal("precious", File.ReadAllText(_directory.Socket));
    }

    [Fact]
    public void A_link_in_the_place_of_the_lock_is_not_followed()
    {
        var victim = _directory.Write("victim", "precious");
        File.CreateSymbolicLink(_directory.Socket + ".lock", victim);

        Assert.Throws<StartupException>(() => SocketFile.Claim(_directory.Socket, Mode, isPrivate: false));

        Assert.Equal("precious", File.ReadAllText(victim));
    }

    [Theory]
    [InlineData(0b111_101_101, "chmod 0700")]
    [InlineData(0b111_111_000, "chmod 0700")]
    public void A_data_directory_that_others_can_reach_is_refused(int mode, string remedy)
    {
        Directory.CreateDirectory(_directory.Data);
        File.SetUnixFileMode(_directory.Data, (UnixFileMode)mode);

        var refused = Assert.Throws<StartupException>(() => DataDirectory.Open(_directory.Data));

        Assert.Equal(ExitCode.NoPermission, refused.ExitCode);
        Assert.Contains(remedy, refused.Message);
    }

    [Fact]
    public void What_is_no_file_in_the_place_of_the_lock_is_refused()
    {
        using (var make = Process.Start("mkfifo", _directory.Socket + ".lock")) make.WaitForExit();

        var refused = Assert.Throws<StartupException>(
            () => SocketFile.Claim(_directory.Socket, Mode, isPrivate: false));

        Assert.Equal(ExitCode.InUse, refused.ExitCode);
        Assert.Contains($"{_directory.Socket}.lock is there already and is no file", refused.Message);
    }

    [Fact]
    public void A_path_that_leads_nowhere_is_refused_with_the_reason()
    {
        File.CreateSymbolicLink(_directory.In("circle"), _directory.In("circle"));
        foreach (var path in (string[])[_directory.In("circle/data"), _directory.In(new string('x', 256))])
        {
            var refused = Assert.Throws<StartupException>(() => DataDirectory.Open(path));

            Assert.Equal(ExitCode.Configuration, refused.ExitCode);
            Assert.Contains($"{path} cannot be looked at: ", refused.Message);
        }
    }

    [Fact]
    public void A_file_in_the_place_of_the_data_directory_is_refused()
    {
        var refused = Assert.Throws<StartupException>(() => DataDirectory.Open(_directory.Write("data", "")));

        Assert.Contains("is not a directory", refused.Message);
    }

    [Fact]
    public void A_lock_is_held_once_and_free_again_afterwards()
    {
        var path = _directory.In("lock");
        using (FileLock.Take(path, "it"))
        {
            var refused = Assert.Throws<StartupException>(() => FileLock.Take(path, "it"));
            Assert.Contains($"process {Environment.ProcessId}", refused.Message);
        }

        Assert.False(File.Exists(path));
        FileLock.Take(path, "it").Dispose();
    }
}
