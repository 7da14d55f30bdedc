namespace Queued.Client;

/// <summary>
/// Segments of memory that processes on the daemon's machine share, without a copy. The daemon makes and owns them; one
/// is there as long as somebody has it open, and gone with the last one, however that ends. Thread-safe.
/// </summary>
/// <remarks>
/// Every method throws <see cref="InvalidRequestException"/> for a value that is not allowed,
/// <see cref="SessionLostException"/> where the connection breaks, and <see cref="OperationCanceledException"/> for the
/// caller's token.
/// </remarks>
public interface ISharedMemorySegments
{
    /// <summary>
    /// Makes a segment, filled with zeros, and opens it. All of its memory is there when this completes: writing to it
    /// never fails for want of room.
    /// </summary>
    /// <param name="name">Its name, <c>[A-Za-z0-9._-]{1,128}</c>. Null: it has its number alone.</param>
    /// <param name="bytes">Its length, 1 byte to the daemon's limit <c>segment_bytes_max</c> (1 GiB by
    /// default).</param>
    /// <param name="cancellationToken">Stops the call; then there is no segment.</param>
    /// <exception cref="ConflictException">There is a segment of this name.</exception>
    /// <exception cref="CapacityExceededException">
    /// It would be longer than a limit allows, or the machine has no room for it.
    /// </exception>
    /// <exception cref="IOException">This process cannot map it: it is not on the daemon's machine.</exception>
    Task<SharedMemory> CreateAsync(string? name, long bytes, CancellationToken cancellationToken = default);

    /// <summary>Opens a segment that is there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call; then it is not open.</param>
    /// <exception cref="SegmentNotFoundException">There is none of this name.</exception>
    /// <exception cref="IOException">This process cannot map it: it is not on the daemon's machine.</exception>
    Task<SharedMemory> OpenAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Opens a segment that is there.</summary>
    /// <param name="id">Its number, <see cref="SharedMemory.Id"/>.</param>
    /// <param name="cancellationToken">Stops the call; then it is not open.</param>
    /// <exception cref="SegmentNotFoundException">There is none of this number.</exception>
    /// <exception cref="IOException">This process cannot map it: it is not on the daemon's machine.</exception>
    Task<SharedMemory> OpenAsync(long id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes a segment's name away: nobody can open it by that any more. Who has it open keeps it.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    /// <exception cref="SegmentNotFoundException">There is none of this name.</exception>
    Task UnlinkAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Reads all segments, in the order of their numbers, page by page.</summary>
    /// <param name="cancellationToken">Stops the call.</param>
    IAsyncEnumerable<SharedMemoryInfo> ListAsync(CancellationToken cancellationToken = default);
}
