using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// An array by name, of a fixed length; all elements are 0 at first. Elements are bytes in the order of this machine,
/// so processes of any language can share it. At most 64 MiB; what is larger, or is to be read in place, is for shared
/// memory.
/// </summary>
/// <typeparam name="T">Type of the elements, at most 64 bytes each.</typeparam>
public sealed class SharedArray<T> : SharedObject
    where T : unmanaged
{
    // Less than the daemon takes as one message, with room for what is around it.
    private const int WriteBytesMax = 32 * 1024 * 1024;

    internal SharedArray(StateAccess access, string name, int length, bool keep)
        : base(access, name, Spec(length), keep) => Length = length;

    /// <summary>How many elements it has.</summary>
    public int Length { get; }

    /// <summary>Reads elements, all at one moment.</summary>
    /// <param name="start">The first one, from 0.</param>
    /// <param name="count">How many. Null (the default): all from there on.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public async Task<T[]> ReadAsync(
        int start = 0, int? count = null, CancellationToken cancellationToken = default)
    {
        CheckRange(start, count ?? Length - start);
        if (count == 0 || start == Length)
            return [];
        var request = new Proto.ReadArrayRequest { Name = Name, Start = (uint)start, Count = (uint)(count ?? 0) };
        var result = await CallAsync(new Proto.SessionOperation { ReadArray = request }, cancellationToken)
            .ConfigureAwait(false);
        return MemoryMarshal.Cast<byte, T>(result.ReadArray.Elements.Span).ToArray();
    }

    /// <summary>Reads one element.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public async Task<T> GetAsync(int index, CancellationToken cancellationToken = default) =>
        (await ReadAsync(index, 1, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Writes elements, all at one moment.</summary>
    /// <param name="start">The first one, from 0.</param>
    /// <param name="values">Their values, at most 32 MiB.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public Task WriteAsync(int start, ReadOnlyMemory<T> values, CancellationToken cancellationToken = default) =>
        WriteAsync(start, values, ReadOnlyMemory<T>.Empty, cancellationToken);

    /// <summary>Writes one element.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="value">Its value.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public Task SetAsync(int index, T value, CancellationToken cancellationToken = default) =>
        WriteAsync(index, new[] { value }, cancellationToken);

    /// <summary>Writes elements if they have expected values, bit for bit.</summary>
    /// <param name="start">The first one, from 0.</param>
    /// <param name="values">Their values, 1 or more.</param>
    /// <param name="expected">The values that they are to have before, as many.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>False: they have others, and nothing was changed.</returns>
    public Task<bool> TryWriteAsync(
        int start,
        ReadOnlyMemory<T> values,
        ReadOnlyMemory<T> expected,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Length, nameof(values));
        ArgumentOutOfRangeException.ThrowIfNotEqual(expected.Length, values.Length, nameof(expected));
        return WriteAsync(start, values, expected, cancellationToken);
    }

    private async Task<bool> WriteAsync(
        int start, ReadOnlyMemory<T> values, ReadOnlyMemory<T> expected, CancellationToken cancellationToken)
    {
        CheckRange(start, values.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            (long)values.Length * Unsafe.SizeOf<T>(), WriteBytesMax, nameof(values));
        var request = new Proto.WriteArrayRequest
        {
            Name = Name,
            Start = (uint)start,
            Elements = Bytes(values),
            Expected = Bytes(expected),
        };
        var result = await CallAsync(new Proto.SessionOperation { WriteArray = request }, cancellationToken)
            .ConfigureAwait(false);
        return result.WriteArray.Written;
    }

    private void CheckRange(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length - start);
    }

    private static ByteString Bytes(ReadOnlyMemory<T> values) =>
        ByteString.CopyFrom(MemoryMarshal.AsBytes(values.Span));

    private static Proto.StateSpec Spec(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        return new Proto.StateSpec
        {
            Kind = Proto.StateKind.Array,
            Length = (uint)length,
            ElementBytes = (uint)Unsafe.SizeOf<T>(),
        };
    }
}
