using System.Runtime.InteropServices;

namespace Queued.Daemon.Supervision.Native;

/// <summary>What the new process begins with.</summary>
internal readonly record struct SpawnSetup
{
    /// <summary>Absolute path of the program.</summary>
    public required string Path { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>As NAME=value.</summary>
    public required IReadOnlyCollection<string> Environment { get; init; }

    public required string Directory { get; init; }

    public required int Stdin { get; init; }

    public required int Stdout { get; init; }

    public required int Stderr { get; init; }

    /// <summary>SIGTERM, SIGINT and SIGHUP wait, from the first instruction on.</summary>
    public bool BlocksStopSignals { get; init; }
}

/// <summary>
/// posix_spawn: one call that is safe with many threads, and that tells why it failed. The process leads a session and
/// group of its own, with every signal as by default, and has no descriptor of ours but its three.
/// </summary>
internal static unsafe class PosixSpawn
{
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;

    // More than any C library's structure on 64 bits takes, in words for the alignment.
    private const int StructureWords = 128;

    // Not in every C library. Without it the close-on-exec flag, which all our descriptors have, does the same.
    private static readonly delegate* unmanaged<void*, int, int> AddCloseFrom =
        NativeLibrary.TryGetExport(
            NativeLibrary.GetMainProgramHandle(), "posix_spawn_file_actions_addclosefrom_np", out var address)
            ? (delegate* unmanaged<void*, int, int>)address
            : null;

    /// <summary>0 and the process id, or the error number.</summary>
    internal static int Start(in SpawnSetup setup, out int processId)
    {
        void* actions = stackalloc long[StructureWords];
        void* attributes = stackalloc long[StructureWords];
        void* signals = stackalloc long[StructureWords];
        using var arguments = new StringVector(setup.Arguments);
        using var environment = new StringVector(setup.Environment);

        processId = 0;
        Require(Libc.SpawnActionsInit(actions));
        Require(Libc.SpawnAttributesInit(attributes));
        try
        {
            Require(Libc.SpawnActionsAddDuplicate(actions, setup.Stdin, 0));
            Require(Libc.SpawnActionsAddDuplicate(actions, setup.Stdout, 1));
            Require(Libc.SpawnActionsAddDuplicate(actions, setup.Stderr, 2));
            Require(Libc.SpawnActionsAddDirectory(actions, setup.Directory));
            if (AddCloseFrom is not null)
                Require(AddCloseFrom(actions, 3));

            _ = Libc.SignalsEmpty(signals);
            if (setup.BlocksStopSignals)
            {
                _ = Libc.SignalsAdd(signals, LinuxSignal.Terminate);
                _ = Libc.SignalsAdd(signals, LinuxSignal.Interrupt);
                _ = Libc.SignalsAdd(signals, LinuxSignal.Hangup);
            }

            Require(Libc.SpawnAttributesSetMask(attributes, signals));
            _ = Libc.SignalsFill(signals);
            Require(Libc.SpawnAttributesSetDefault(attributes, signals));
            Require(Libc.SpawnAttributesSetFlags(attributes, SetSignalDefaults | SetSignalMask | SetSession));

            int started;
            var error = Libc.Spawn(&started, setup.Path, actions, attributes, arguments.Pointer, environment.Pointer);
            processId = error == 0 ? started : 0;
            return error;
        }
        finally
        {
            _ = Libc.SpawnActionsDestroy(actions);
            _ = Libc.SpawnAttributesDestroy(attributes);
        }
    }

    private static void Require(int error)
    {
        if (error != 0)
            throw new IOException($"posix_spawn setup: {Errno.Text(error)}");
    }
}
