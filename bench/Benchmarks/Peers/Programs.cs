using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Queued.Benchmarks;

/// <summary>What the machine has of the peers, and what is made of their sources here.</summary>
internal static class Programs
{
    /// <summary>The one that Debian's packages are for, where another one comes first in PATH.</summary>
    public static readonly string Python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    private static readonly string Sources = Path.Combine(AppContext.BaseDirectory, "peers");

    public static string Source(string name) => Path.Combine(Sources, name);

    /// <exception cref="PeerMissingException">It is not in PATH.</exception>
    public static void Need(string program)
    {
        var folders = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':');
        if (!Path.IsPathRooted(program) && !folders.Any(folder => File.Exists(Path.Combine(folder, program))))
            throw new PeerMissingException($"there is no {program} here");
    }

    /// <exception cref="PeerMissingException">Python has no such module.</exception>
    public static async Task NeedModuleAsync(string module)
    {
        Need(Python);
        var (code, _) = await RunAsync(Python, "-c", $"import {module}");
        if (code != 0) throw new PeerMissingException($"Python has no module {module} here");
    }

    /// <summary>Compiles a source of bench/peers.</summary>
    /// <param name="folder">Where the program goes.</param>
    /// <param name="name">Its source, without .c.</param>
    /// <param name="header">The header of the library that it needs. Null: none.</param>
    /// <param name="libraries">As gcc takes them.</param>
    public static async Task<string> CompileAsync(string folder, string name, string? header, params string[] libraries)
    {
        Need("gcc");
        if (header is not null)
        {
            var (code, _) = await RunAsync("gcc", "-E", "-include", header, "-x", "c", "/dev/null");
            if (code != 0) throw new PeerMissingException($"there is no <{header}> here");
        }

        var program = Path.Combine(folder, name);
        var (failed, output) = await RunAsync(
            "gcc", ["-O2", "-Wall", "-Werror", "-o", program, Source(name + ".c"), .. libraries]);
        return failed == 0 ? program : throw new PeerFailedException(output);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await errors + await output);
    }
}
